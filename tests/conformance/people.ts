import assert from 'node:assert/strict';
import type { TestBox } from '../kit/box.ts';

/** Everybody who may turn up at the box, by the manual's table of roles. */

export const ROLES = ['super-admin', 'sub-admin', 'general-admin', 'device-admin', 'visitor-admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export const PASSWORD = 'Gate-house-2';

/** A session of an account of each role. */
export type Sessions = Record<Role, string>;

/** Makes an account and signs it in; gives its session and id. */
export async function account(
  box: TestBox,
  name: string,
  role: string,
  imageRight = true,
): Promise<{ id: number; name: string; sessionId: string }> {
  const made = await box.rest<{ id: number }>('POST', '/p/users/users', { name, role, imageRight, password: PASSWORD });
  assert.equal(made.status, 200, `${name}: ${JSON.stringify(made.body)}`);
  return { id: made.body.id, name, sessionId: await signIn(box, name) };
}

/** One more session of an account. */
export async function signIn(box: TestBox, name: string, password = PASSWORD): Promise<string> {
  const answer = await box.call<string>(257, { user_name: name, user_pwd: password }, '');
  assert.equal(answer.code, 0, answer.msg);
  return answer.data;
}

/** An account of each role but the administrator, who is signed in already. */
export async function everyRole(box: TestBox): Promise<Sessions> {
  const sessions: Partial<Sessions> = { 'super-admin': box.sessionId };
  for (const role of ROLES.slice(1)) sessions[role] = (await account(box, role, role)).sessionId;
  return sessions as Sessions;
}
