/** Where people's pictures go is a setting of the box. */
export const SEE = { area: 'people', action: 'see' } as const;
export const CHANGE = { area: 'people', action: 'change' } as const;
