import { z } from 'zod';
import { decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { aliased, given, intOf, text } from '../../core/gateway/lenient.ts';
import { type Call, type MessageDefinition, message } from '../../core/plugin/contract.ts';
import type { Administration } from './administration.ts';
import type { Captchas } from './captcha.ts';
import { type Directory, mayViewImages } from './directory.ts';
import { type SignIn, SignInRefused } from './sign-in.ts';
import type { User } from './tables.ts';

/** Messages 257, 258, 269 to 273 and 1322. */

/** Bit of `auth_items` for viewing images, which is also `right_item` 1. */
const VIEW_IMAGES = 1;

/** Longer than any name or password can be: what cannot be right is refused like everything else that is wrong. */
const name = text({ min: 1, max: 200 });
const password = text({ min: 1, max: 200 });
const flag = intOf([0, 1]);
const rightItem = intOf([VIEW_IMAGES]);

function request<S extends z.ZodRawShape>(shape: S) {
  return aliased({ user_name: ['username'], user_pwd: ['userpasswd'] }, z.object(shape));
}

export interface MessageParts {
  signIn: SignIn;
  administration: Administration;
  directory: Directory;
  captchas: Captchas;
}

export function messages({ signIn, administration, directory, captchas }: MessageParts): MessageDefinition[] {
  return [
    message({
      id: 257,
      name: 'log in',
      access: 'public',
      request: request({ user_name: name, user_pwd: password, verify_code: given(text({ max: 20 })) }),
      handle: async ({ user_name, user_pwd, verify_code }, call) => {
        const attempt = { name: user_name, password: user_pwd, captcha: verify_code, source: call.source };
        try {
          const { sessionId } = await signIn.logIn({ ...attempt, item: '257 log in' });
          call.setHeader('sessionid', sessionId);
          return sessionId;
        } catch (error) {
          if (!(error instanceof SignInRefused)) throw error;
          throw new ContractError(CODE.wrongUserOrPassword, error.message, {
            session_id: '',
            retry_times: error.standing.triesLeft,
            mod_passwd_flag: 0,
          });
        }
      },
    }),
    message({
      id: 258,
      name: 'log out',
      access: 'own',
      request: z.object({}),
      handle: (_, call) => signIn.logOut(callerOf(call), call.source, '258 log out'),
    }),
    message({
      id: 1322,
      name: 'get a captcha',
      access: 'public',
      request: z.object({}),
      handle: (_, call) => captchas.issue(call.source),
    }),
    message({
      id: 269,
      name: "set a user's authorisation",
      access: { area: 'accounts', action: 'change' },
      request: request({ user_name: name, is_authed: flag }),
      handle: async ({ user_name, is_authed }, call) => {
        const user = named(directory, user_name);
        await administration.change(user.id, { isAuthed: is_authed === 1 }, callerOf(call).userId);
        call.remark(`"${user.name}" ${is_authed === 1 ? 'authorised' : 'no longer authorised'}`);
      },
    }),
    message({
      id: 270,
      name: "query a user's authorisation",
      access: 'session',
      request: request({ user_name: given(name) }),
      handle: ({ user_name }, call) => {
        const user = askedFor(directory, user_name, call);
        const items = mayViewImages(user) ? VIEW_IMAGES : 0;
        return { user_name: user.name, is_authed: Number(user.isAuthed), auth_items: items };
      },
    }),
    message({
      id: 271,
      name: "check a user's password",
      access: 'session',
      request: request({ user_name: given(name), user_pwd: password }),
      handle: async ({ user_name, user_pwd }, call) => {
        const user = askedFor(directory, user_name, call);
        const attempt = {
          name: user.name,
          password: user_pwd,
          source: call.source,
          item: "271 check a user's password",
        };
        try {
          await signIn.confirm(attempt);
        } catch (error) {
          if (!(error instanceof SignInRefused)) throw error;
          const { triesLeft } = error.standing;
          throw new ContractError(CODE.wrongUserOrPassword, error.message, {
            result: 1,
            username: user.name,
            retry_times: triesLeft,
          });
        }
        return { result: 0, username: user.name };
      },
    }),
    message({
      id: 272,
      name: 'set a user privilege',
      access: { area: 'accounts', action: 'change' },
      request: request({ user_name: name, right_item: rightItem, right_value: flag }),
      handle: async ({ user_name, right_value }, call) => {
        const user = named(directory, user_name);
        await administration.change(user.id, { imageRight: right_value === 1 }, callerOf(call).userId);
        call.remark(`"${user.name}" ${right_value === 1 ? 'may' : 'may not'} view images`);
      },
    }),
    message({
      id: 273,
      name: 'query a user privilege',
      access: 'session',
      request: request({ user_name: given(name), right_item: rightItem }),
      handle: ({ user_name, right_item }, call) => {
        const user = askedFor(directory, user_name, call);
        return { user_name: user.name, right_item, right_value: Number(user.imageRight) };
      },
    }),
  ];
}

function callerOf(call: Call) {
  if (!call.caller) throw new ContractError(CODE.notLoggedIn);
  return call.caller;
}

function named(directory: Directory, userName: string): User {
  const user = directory.byName(userName);
  if (!user) throw new ContractError(CODE.noSuchUser);
  return user;
}

/** The account a query is about: one's own, or another one for those who may see accounts. */
function askedFor(directory: Directory, userName: string | undefined, call: Call): User {
  const caller = callerOf(call);
  if (userName === undefined || userName === caller.userName) return named(directory, caller.userName);
  // Before it is said whether there is such a user.
  if (decide({ area: 'accounts', action: 'see' }, caller) !== 'allowed') {
    throw new ContractError(CODE.notAllowed, 'the user may not ask about other users');
  }
  return named(directory, userName);
}
