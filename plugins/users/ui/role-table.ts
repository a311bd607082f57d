import { html } from 'htm/preact';
import type { Action, Area, Role } from '../../../core/gateway/authorization.ts';
import type { PageProps } from '../../../ui/contract.ts';

/**
 * What each role may do, for people to read. The box decides by its own table (core/gateway/authorization.ts); a
 * test compares the two.
 */
export const ROLE_AREAS: Record<Role, Partial<Record<Area, Action>>> = {
  'super-admin': {
    accounts: 'change',
    platform: 'change',
    people: 'change',
    devices: 'change',
    visitors: 'change',
    records: 'change',
  },
  'sub-admin': { people: 'change', devices: 'change', visitors: 'change', records: 'change' },
  'general-admin': { people: 'see', devices: 'change', visitors: 'change', records: 'change' },
  'device-admin': { devices: 'change' },
  'visitor-admin': { visitors: 'change' },
  viewer: { people: 'see', devices: 'see', visitors: 'see', records: 'see' },
};

const AREAS: Area[] = ['accounts', 'platform', 'people', 'devices', 'visitors', 'records'];

interface RoleTableProps extends Pick<PageProps, 'i18n' | 'ui'> {
  areas: typeof ROLE_AREAS;
}

/** Roles down, areas across. */
export function RoleTable({ i18n, ui, areas }: RoleTableProps) {
  const { t } = i18n;
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
      ${AREAS.map((area) => html`<th key=${area} role="columnheader" scope="col" title=${t(`area.${area}.hint`)}>${t(`area.${area}`)}</th>`)}
    </tr></thead>
    <tbody role="rowgroup">
      ${(Object.keys(areas) as Role[]).map(
        (role) => html`<tr key=${role} role="row">
          <td role="cell" data-primary><b>${t(`role.${role}`)}</b></td>
          ${AREAS.map((area) => html`<td key=${area} role="cell" data-label=${t(`area.${area}`)}>${cell(areas[role][area])}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table></div>`;
}
