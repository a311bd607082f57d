import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Caller, RouteDefinition } from '../plugin/contract.ts';
import type { Bodies } from './body.ts';
import { decodeText } from './decode.ts';
import { checkInput, dispatch } from './dispatch.ts';
import { CODE, ContractError, httpStatus } from './errors.ts';
import { HttpOrigin, type MessageTools } from './messages.ts';
import { callerOf, type GatewayContext, headerOf } from './request.ts';

/** The routes plugins register, under `/p/<plugin id>`. */
export class RestGateway {
  readonly #tools: MessageTools;
  /** One small router per plugin, rebuilt when the plugin registers anew. */
  readonly #routers = new WeakMap<RouteDefinition[], Hono<{ Bindings: HttpBindings }>>();

  constructor(tools: MessageTools) {
    this.#tools = tools;
  }

  async answer(c: GatewayContext): Promise<Response> {
    const [, , owner = ''] = c.req.path.split('/');
    const routes = this.#tools.registry.routes.get(owner);
    if (!routes) return c.json({ code: CODE.noSuchData, msg: `plugin "${owner}" is not running` }, 404);
    let router = this.#routers.get(routes);
    if (!router) {
      router = this.#build(owner, routes);
      this.#routers.set(routes, router);
    }
    return router.fetch(c.req.raw, c.env);
  }

  #build(owner: string, routes: RouteDefinition[]): Hono<{ Bindings: HttpBindings }> {
    const router = new Hono<{ Bindings: HttpBindings }>({ strict: false }).basePath(`/p/${owner}`);
    for (const definition of routes) {
      router.on(definition.method, definition.path, (c) => this.#answerRoute(c as GatewayContext, owner, definition));
    }
    router.notFound((c) => c.json({ code: CODE.noSuchData, msg: 'no such route' }, 404));
    router.onError((error, c) => {
      if (!(error instanceof ContractError)) throw error;
      const data = error.data === '' && error.field ? { field: error.field } : error.data;
      return c.json({ code: error.code, msg: error.message, data }, httpStatus(error.code));
    });
    return router;
  }

  async #answerRoute(c: GatewayContext, owner: string, definition: RouteDefinition): Promise<Response> {
    const { sessions, bodies } = this.#tools;
    const answer = await dispatch(
      {
        owner,
        item: `${definition.method} ${definition.path}`,
        access: definition.access,
        logged: definition.logged,
        patience: definition.patience,
        reads: definition.method === 'GET',
        handle: async (call) => {
          const params = definition.params ? checkInput(definition.params, c.req.param()) : undefined;
          const query = definition.query ? checkInput(definition.query, c.req.query()) : undefined;
          let body: unknown;
          if (definition.body) {
            const given = await jsonBody(c, bodies, call.caller);
            call.authorizeAgain(definition.access, callerOf(c, sessions));
            body = checkInput(definition.body, given);
          }
          const input = { params, query, body };
          return definition.handle(input as Parameters<RouteDefinition['handle']>[0], call);
        },
      },
      new HttpOrigin(c, callerOf(c, sessions), 'rest', this.#tools),
      this.#tools,
    );
    if (answer instanceof Response) return answer;
    c.header('cache-control', 'no-store');
    return c.json((answer ?? {}) as object);
  }
}

async function jsonBody(c: GatewayContext, bodies: Bodies, caller: Caller | undefined): Promise<unknown> {
  const type = headerOf(c, 'content-type') ?? '';
  // A form that another site makes a browser send cannot carry this type without asking first.
  if (!/^application\/json\b/i.test(type)) {
    throw new ContractError(CODE.wrongParameter, 'content-type must be application/json');
  }
  const text = decodeText(await bodies.read(c, caller));
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ContractError(CODE.wrongParameter, `the body is not JSON: ${(error as Error).message}`);
  }
}
