/**
 * The part of a file's name that may stand in its address: `[a-z0-9_-]`, at most 60 characters, and an extension of
 * letters and digits (empty where there is none).
 */
export function addressName(name: string): { stem: string; extension: string } {
  const plain = name.toLowerCase();
  const [, before = plain, after = ''] = /^(.*)\.([a-z0-9]{1,8})$/.exec(plain) ?? [];
  const stem = before
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/_{2,}/g, '_')
    .slice(0, 60)
    // The time follows behind one.
    .replace(/_$/, '');
  return { stem: stem || 'file', extension: after && `.${after}` };
}
