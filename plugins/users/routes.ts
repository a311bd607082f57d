import { z } from 'zod';
import { ROLE_RIGHTS, ROLES } from '../../core/gateway/authorization.ts';
import { CODE, type Code, ContractError } from '../../core/gateway/errors.ts';
import { given, int, text } from '../../core/gateway/lenient.ts';
import { type Call, type Caller, type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { Administration, UserChange } from './administration.ts';
import { listedUser, ownUser } from './answers.ts';
import type { Captchas } from './captcha.ts';
import { captchaPicture } from './captcha-picture.ts';
import { type Directory, MAX_USERS } from './directory.ts';
import type { LoginGuard } from './login-guard.ts';
import { USER_NAME } from './password-rule.ts';
import { type SignIn, SignInRefused } from './sign-in.ts';

/** REST routes under `/p/users`. */

const typed = text({ min: 1, max: 200 });
const newName = z.preprocess(
  (value) => (typeof value === 'string' ? value.normalize('NFC') : value),
  z.string().regex(USER_NAME, 'must be 1 to 49 letters, digits or @ . - _'),
);
const byId = z.object({ id: int({ min: 1 }) });
const SEE = { area: 'accounts', action: 'see' } as const;
const CHANGE = { area: 'accounts', action: 'change' } as const;

export interface RouteParts {
  signIn: SignIn;
  administration: Administration;
  directory: Directory;
  captchas: Captchas;
  guard: LoginGuard;
}

export function routes(parts: RouteParts): RouteDefinition[] {
  return [...sessionRoutes(parts), ...accountRoutes(parts)];
}

function sessionRoutes({ signIn, administration, directory, captchas }: RouteParts): RouteDefinition[] {
  return [
    route({
      method: 'POST',
      path: '/login',
      summary: 'Signs in and sets the session cookie; after three failures a captcha is needed',
      access: 'public',
      body: z.object({ name: typed, password: typed, captcha: given(text({ max: 20 })) }),
      handle: async ({ body }, call) => {
        const attempt = { ...body, source: call.source, item: 'POST /login' };
        const { user, sessionId } = await signIn.logIn(attempt).catch(asCode(CODE.wrongUserOrPassword));
        call.setSessionCookie(sessionId);
        return { user: ownUser(user) };
      },
    }),
    route({
      method: 'GET',
      path: '/captcha.svg',
      summary: 'A captcha for the next login from this address, as a picture',
      access: 'public',
      handle: (_, call) =>
        new Response(captchaPicture(captchas.issue(call.source)), {
          headers: {
            'content-type': 'image/svg+xml',
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
          },
        }),
    }),
    route({
      method: 'POST',
      path: '/logout',
      summary: 'Ends the session',
      access: 'own',
      handle: async (_, call) => {
        await signIn.logOut(callerOf(call), call.source, 'POST /logout');
        call.setSessionCookie(null);
      },
    }),
    route({
      method: 'GET',
      path: '/me',
      summary: 'The signed-in user',
      access: 'own',
      handle: (_, call) => ownUser(self(directory, call)),
    }),
    route({
      method: 'PUT',
      path: '/me/password',
      summary: "Sets one's own password; the user's other sessions end",
      access: 'own',
      body: z.object({ current: typed, next: text({ max: 200 }) }),
      handle: async ({ body }, call) => {
        const { sessionId } = callerOf(call);
        const before = self(directory, call);
        const attempt = { name: before.name, password: body.current, source: call.source, item: 'PUT /me/password' };
        await signIn.confirm(attempt).catch(asCode(CODE.currentPasswordWrong));
        const user = await administration.setOwnPassword(before, body.next, sessionId);
        signIn.noteChange(user, attempt);
        return ownUser(user);
      },
    }),
  ];
}

function accountRoutes({ administration, directory, guard }: RouteParts): RouteDefinition[] {
  return [
    route({
      method: 'GET',
      path: '/users',
      summary: 'All accounts, how many there may be, the roles there are and what each may do',
      access: SEE,
      handle: () => ({
        users: directory.list().map((user) => listedUser(user, guard)),
        max: MAX_USERS,
        roles: ROLES,
        rights: ROLE_RIGHTS,
      }),
    }),
    route({
      method: 'POST',
      path: '/users',
      summary: 'Makes an account; without a password it gets a one-time password, shown once',
      access: CHANGE,
      body: z.object({
        name: newName,
        role: z.string().max(40),
        password: given(text({ max: 200 })),
        imageRight: z.boolean().default(true),
      }),
      handle: async ({ body }, call) => {
        const { user, ...once } = await administration.create(body);
        call.remark(`"${user.name}" made as ${user.role}${user.imageRight ? ', may view images' : ''}`);
        return { ...listedUser(user, guard), ...once };
      },
    }),
    route({
      method: 'PATCH',
      path: '/users/:id',
      summary: 'Changes role, rights or password of an account; a new password ends its sessions',
      access: CHANGE,
      params: byId,
      body: z.object({
        role: z.string().max(40).optional(),
        imageRight: z.boolean().optional(),
        isAuthed: z.boolean().optional(),
        password: given(text({ max: 200 })),
        resetPassword: z.boolean().optional(),
      }),
      handle: async ({ params, body }, call) => {
        const { user, ...once } = await administration.change(params.id, body, callerOf(call).userId);
        call.remark(`"${user.name}": ${described(body)}`);
        return { ...listedUser(user, guard), ...once };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/:id',
      summary: 'Deletes an account and ends its sessions',
      access: CHANGE,
      params: byId,
      handle: async ({ params }, call) => {
        const user = await administration.remove(params.id, callerOf(call).userId);
        call.remark(`"${user.name}" deleted, was ${user.role}`);
      },
    }),
  ];
}

function callerOf(call: Call): Caller {
  if (!call.caller) throw new ContractError(CODE.notLoggedIn);
  return call.caller;
}

function self(directory: Directory, call: Call) {
  const user = directory.byId(callerOf(call).userId);
  if (!user) throw new ContractError(CODE.notLoggedIn);
  return user;
}

/** A refused password as an error of the REST surface. */
function asCode(code: Code): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof SignInRefused)) throw error;
    const { triesLeft, captchaNeeded, lockedMs } = error.standing;
    const data = { retryTimes: triesLeft, captchaNeeded, lockedSeconds: Math.ceil(lockedMs / 1000) };
    throw new ContractError(code, error.message, data);
  };
}

/** What a change touches, for the operation log: never the password itself. */
function described({ role, imageRight, isAuthed, password, resetPassword }: UserChange): string {
  const parts = [
    role === undefined ? [] : `role ${role}`,
    imageRight === undefined ? [] : imageRight ? 'may view images' : 'may not view images',
    isAuthed === undefined ? [] : isAuthed ? 'authorised' : 'no longer authorised',
    password === undefined ? [] : 'new password',
    resetPassword ? 'one-time password' : [],
  ].flat();
  return parts.join(', ') || 'nothing changed';
}
