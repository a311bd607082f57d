import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { deleteCookie, setCookie } from 'hono/cookie';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { Blobs } from '../store/blobs.ts';
import { decide } from './authorization.ts';
import { CODE, CODE_TEXT } from './errors.ts';
import { answerMedia } from './media.ts';
import { answerMessage, type MessageTools } from './messages.ts';
import { openApi } from './openapi.ts';
import { callerOf, type GatewayContext, SESSION_COOKIE } from './request.ts';
import { RestGateway } from './rest.ts';
import type { UiGateway } from './ui.ts';

export interface AppOptions extends Omit<MessageTools, 'setSessionCookie'> {
  blobs: Blobs;
  metrics: MetricsRegistry;
  version: string;
  ui: UiGateway;
  secure(): boolean;
  /** For `/healthz`: whether everything runs, and what to tell somebody who is signed in. */
  health(): Promise<{ status: 'ok' | 'degraded'; detail: object }>;
}

export type App = Hono<{ Bindings: HttpBindings }>;

/** Every HTTP address of the box, in one place. */
export function createApp(options: AppOptions): App {
  const app: App = new Hono<{ Bindings: HttpBindings }>({ strict: false });
  const tools: MessageTools = {
    ...options,
    setSessionCookie(c, sessionId) {
      const attributes = { httpOnly: true, sameSite: 'Strict', secure: options.secure(), path: '/' } as const;
      if (sessionId === null) deleteCookie(c, SESSION_COOKIE, attributes);
      else setCookie(c, SESSION_COOKIE, sessionId, attributes);
    },
  };
  const rest = new RestGateway(tools);
  const signedIn = (c: GatewayContext) => decide('session', callerOf(c, options.sessions));

  app.post('/api/json', (c) => answerMessage(c, 'json', tools));
  app.post('/api/form', (c) => answerMessage(c, 'form', tools));

  app.get('/healthz', async (c) => {
    const { status, detail } = await options.health();
    c.header('cache-control', 'no-store');
    return c.json(signedIn(c) === 'allowed' ? { status, ...detail } : { status });
  });
  app.get('/metrics', async (c) =>
    c.body(await options.metrics.metrics(), 200, { 'content-type': options.metrics.contentType }),
  );

  app.get('/openapi.json', (c) => {
    const decision = signedIn(c);
    if (decision === 'not-logged-in') return c.json({ code: CODE.notLoggedIn, msg: 'not logged in' }, 401);
    if (decision !== 'allowed')
      return c.json({ code: CODE.notAllowed, msg: 'the password must be changed first' }, 403);
    return c.json(openApi(options.registry, options.version));
  });

  app.get('/ws/*', (c) => answerMedia(c, options.blobs, options.sessions));

  app.use('/ui/*', compress());
  app.use('/p/*', compress());
  app.get('/', (c) => options.ui.index(c));
  app.get('/ui/*', (c) => options.ui.file(c));
  app.get('/p/:id/ui/*', (c) => options.ui.pluginFile(c));
  app.all('/p/*', (c) => rest.answer(c));
  app.get('/service-worker.js', (c) => options.ui.serviceWorker(c));
  app.get('/ca.crt', (c) => options.ui.authority(c));
  app.get('/favicon.ico', (c) => c.redirect('/ui/mark.svg'));

  app.notFound((c) => c.json({ code: CODE.wrongMessageId, data: '', msg: 'no such address' }, 404));
  app.onError((error, c: GatewayContext) => {
    options.log.error({ err: error, path: c.req.path }, 'a request failed');
    return c.json({ code: CODE.internalError, data: '', msg: CODE_TEXT[CODE.internalError] }, 500);
  });
  return app;
}
