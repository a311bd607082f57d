import { html } from 'htm/preact';
import type { Action, Area, Role, RoleRights } from '../../../core/gateway/authorization.ts';
import type { PageProps } from '../../../ui/contract.ts';

interface RoleTableProps extends Pick<PageProps, 'i18n' | 'ui'> {
  rights: RoleRights;
}

/** What each role may do, for people to read: roles down, areas across. */
export function RoleTable({ i18n, ui, rights }: RoleTableProps) {
  const { t } = i18n;
  const roles = Object.keys(rights) as Role[];
  // The first role has every right.
  const areas = Object.keys(rights['super-admin']) as Area[];
  const cell = (right: Action | undefined) => {
    if (right === 'change') return html`<${ui.Status} tone="ok" size=${16}>${t('roles.change')}</${ui.Status}>`;
    if (right === 'see')
      return html`<span class="users-see"><${ui.Icon} name="eye" size=${16} />${t('roles.see')}</span>`;
    return html`<span class="users-no">${t('roles.no')}</span>`;
  };
  return html`<div class="g-table-wrap"><table class="g-table users-roles" role="table">
    <caption class="g-hidden">${t('roles.title')}</caption>
    <thead role="rowgroup"><tr role="row">
      <th role="columnheader" scope="col">${t('users.role')}</th>
      ${areas.map((area) => html`<th key=${area} role="columnheader" scope="col" title=${t(`area.${area}.hint`)}>${t(`area.${area}`)}</th>`)}
    </tr></thead>
    <tbody role="rowgroup">
      ${roles.map(
        (role) => html`<tr key=${role} role="row">
          <td role="cell" data-primary><b>${t(`role.${role}`)}</b></td>
          ${areas.map((area) => html`<td key=${area} role="cell" data-label=${t(`area.${area}`)}>${cell(rights[role][area])}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table></div>`;
}
