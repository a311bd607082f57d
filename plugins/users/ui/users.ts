import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { EditUser } from './edit-user.ts';
import { NewUser } from './new-user.ts';
import { OneTimePassword } from './one-time-password.ts';
import { RoleTable } from './role-table.ts';
import type { Issued, ListedUser, UserList } from './types.ts';

export const styles = ['./users.css'];

type Open = { kind: 'new' } | { kind: 'edit'; user: ListedUser } | { kind: 'issued'; issued: Issued } | undefined;

/** Who may sign in, and what they may do. */
export default function Users(props: PageProps) {
  const { api, i18n, ui, me } = props;
  const { t } = i18n;
  const [open, setOpen] = useState<Open>();
  const found = ui.useData((signal) => api.get<UserList>('/users', {}, { signal }), { changed: ['users'] });
  const mayChange = me.can('accounts', 'change');
  const now = ui.useNow();

  async function done(issued?: Issued): Promise<void> {
    setOpen(issued?.oneTimePassword ? { kind: 'issued', issued } : undefined);
    await found.reload();
  }

  async function reset(user: ListedUser): Promise<void> {
    const sure = await ui.confirm({
      title: t('reset.title', { name: user.name }),
      text: t('reset.text'),
      lose: [t('reset.losePassword'), t('reset.loseSessions')],
      confirm: t('reset.confirm'),
    });
    if (sure) await done(await api.patch<Issued>(`/users/${user.id}`, { resetPassword: true }));
  }

  async function remove(user: ListedUser): Promise<void> {
    const sure = await ui.confirm({
      title: t('delete.title', { name: user.name }),
      lose: [t('delete.loseAccess'), t('delete.loseSessions')],
      text: t('delete.kept'),
      confirm: t('delete.confirm'),
      typed: user.name,
    });
    if (!sure) return;
    await api.delete(`/users/${user.id}`);
    ui.toast(t('delete.done', { name: user.name }));
    await found.reload();
  }

  const actions = (user: ListedUser) => {
    if (!mayChange) return '';
    const own = user.id === me.id;
    return html`<span class="users-actions">
      <${ui.IconButton} icon="edit" label=${t('users.edit', { name: user.name })} onClick=${() => setOpen({ kind: 'edit', user })} />
      ${!own && html`<${ui.IconButton} icon="key" label=${t('users.reset', { name: user.name })} onClick=${() => reset(user)} />`}
      ${!own && user.role !== 'super-admin' && html`<${ui.IconButton} icon="delete" label=${t('users.delete', { name: user.name })} onClick=${() => remove(user)} />`}
      ${own && html`<${ui.IconButton} icon="lock" label=${t('users.ownPassword')} href="#/account" />`}
    </span>`;
  };

  const columns: Column<ListedUser>[] = [
    {
      id: 'name',
      title: t('users.name'),
      primary: true,
      cell: (user) =>
        html`<b>${user.name}</b>${user.id === me.id && html` <${ui.Badge} tone="accent">${t('users.you')}</${ui.Badge}>`}`,
    },
    { id: 'role', title: t('users.role'), cell: (user) => t(`role.${user.role}`) },
    {
      id: 'state',
      title: t('users.state'),
      cell: (user) => html`<${UserState} user=${user} now=${now} i18n=${i18n} ui=${ui} />`,
    },
    {
      id: 'pictures',
      title: t('users.pictures'),
      cell: (user) => html`<${ImageRight} ...${props} user=${user} onDone=${found.reload} />`,
    },
    {
      id: 'login',
      title: t('users.lastLogin'),
      cell: ({ lastLoginAt }) => (lastLoginAt ? html`<${ui.Time} at=${lastLoginAt} as="ago" />` : t('users.never')),
    },
    { id: 'actions', title: t('users.actions'), hideTitle: true, align: 'end', cell: actions },
  ];

  const list = ({ users, max }: UserList) => html`
    <${ui.Card} flush>
      <${ui.Table} caption=${t('users.title')} columns=${columns} rows=${users} rowKey=${(user: ListedUser) => user.id} stale=${found.loading} />
      <div class="g-pager"><span class="g-pager-text">${t('users.count', { n: users.length, max })}</span></div>
    </${ui.Card}>`;
  const full = found.data !== undefined && found.data.users.length >= found.data.max;
  const add =
    mayChange &&
    html`<${ui.Button} kind="primary" icon="add" disabled=${full} title=${full ? t('users.full') : undefined} onClick=${() => setOpen({ kind: 'new' })}>${t('users.add')}</${ui.Button}>`;

  return html`<${ui.Page} title=${t('users.title')} lead=${t('users.lead')} actions=${add}>
    <${ui.Loaded} of=${found} what=${t('users.notRead')}>${list}</${ui.Loaded}>
    ${found.data && html`<${ui.Card} title=${t('roles.title')} icon="shield" flush><${RoleTable} i18n=${i18n} ui=${ui} rights=${found.data.rights} /></${ui.Card}>`}
    ${open?.kind === 'new' && html`<${NewUser} ...${props} roles=${found.data?.roles ?? []} onClose=${() => setOpen(undefined)} onDone=${done} />`}
    ${open?.kind === 'edit' && html`<${EditUser} ...${props} user=${open.user} roles=${found.data?.roles ?? []} onClose=${() => setOpen(undefined)} onDone=${done} />`}
    ${open?.kind === 'issued' && html`<${OneTimePassword} i18n=${i18n} ui=${ui} issued=${open.issued} onClose=${() => setOpen(undefined)} />`}
  </${ui.Page}>`;
}

interface UserPartProps extends PageProps {
  user: ListedUser;
}

function UserState({ user, now, i18n, ui }: Pick<UserPartProps, 'user' | 'i18n' | 'ui'> & { now: number }) {
  const { t } = i18n;
  if (user.lockedUntil !== null && user.lockedUntil > now)
    return html`<${ui.Status} tone="warn">${t('state.locked', { time: i18n.clock(user.lockedUntil) })}</${ui.Status}>`;
  if (!user.isAuthed) return html`<${ui.Status} tone="idle">${t('state.notAuthorised')}</${ui.Status}>`;
  if (user.mustChangePassword) return html`<${ui.Status} tone="info">${t('state.mustChange')}</${ui.Status}>`;
  return html`<${ui.Status} tone="ok">${t('state.active')}</${ui.Status}>`;
}

function ImageRight({ api, i18n, ui, me, user, onDone }: UserPartProps & { onDone: () => unknown }) {
  const { t } = i18n;
  const [busy, setBusy] = useState(false);
  async function change(imageRight: boolean): Promise<void> {
    setBusy(true);
    try {
      await api.patch(`/users/${user.id}`, { imageRight });
      ui.toast(t(imageRight ? 'pictures.granted' : 'pictures.taken', { name: user.name }));
    } catch (error) {
      ui.toast(i18n.error(error), { tone: 'bad' });
    }
    await onDone();
    setBusy(false);
  }
  if (!me.can('accounts', 'change')) return t(user.imageRight ? 'pictures.yes' : 'pictures.no');
  return html`<${ui.SwitchField} label=${t('pictures.of', { name: user.name })} hideLabel value=${user.imageRight} disabled=${busy} onChange=${change} />`;
}
