import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { transform } from 'esbuild';
import type { Caller } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import type { StartMode } from '../start/starts.ts';
import { type Action, AREAS, decide } from './authorization.ts';
import { callerOf, type GatewayContext, hasAlready } from './request.ts';
import type { SessionRegistry } from './sessions.ts';

/**
 * Serves the web UI: static files as they are, TypeScript modules with their types stripped (kept in memory by the
 * file's time), npm modules through the import map, and `boot.json`, which tells the page who is signed in and which
 * plugin pages there are for them.
 */

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  ts: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};

/** npm packages a page may load, by what the import map calls them. */
const VENDOR_PACKAGES = ['preact', 'htm', '@preact/signals', '@preact/signals-core'];
const PLAIN_PATH = /^[A-Za-z0-9_@][A-Za-z0-9_@.-]*(\/[A-Za-z0-9_@][A-Za-z0-9_@.-]*)*$/;

interface Served {
  body: Buffer<ArrayBuffer>;
  etag: string;
  modified: number;
}

export interface UiOptions {
  /** Folder of the shell (`ui/`). */
  folder: string;
  version: string;
  protocol(): 'http' | 'https';
  /** IANA zone of the box: pages show its time, whatever the browser's. */
  zone(): string;
  startMode: StartMode;
  /** The box's own authority, as PEM; undefined where there is none. */
  authority(): string | undefined;
  registry: () => Registry;
  sessions: SessionRegistry;
}

export class UiGateway {
  readonly #options: UiOptions;
  readonly #cache = new Map<string, Served>();
  readonly #vendor = new Map<string, string>();

  constructor(options: UiOptions) {
    this.#options = options;
    const require = createRequire(import.meta.url);
    for (const name of VENDOR_PACKAGES) {
      // The package's folder, whatever its "exports" allow to be asked for.
      const folder = require.resolve
        .paths(name)
        ?.map((path) => join(path, name))
        .find((path) => existsSync(path));
      if (folder) this.#vendor.set(name, folder);
    }
  }

  /** The shell's page, with its import map and the policy that lets only the box's own code run. */
  async index(c: GatewayContext): Promise<Response> {
    const [page, map] = await Promise.all([
      readFile(join(this.#options.folder, 'index.html'), 'utf8'),
      readFile(join(this.#options.folder, 'import-map.json'), 'utf8'),
    ]);
    const inline = JSON.stringify(JSON.parse(map));
    const hash = createHash('sha256').update(inline).digest('base64');
    const policy =
      `default-src 'self'; script-src 'self' 'sha256-${hash}'; img-src 'self' data: blob:; ` +
      `style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; ` +
      `form-action 'self'; frame-ancestors 'none'`;
    c.header('content-security-policy', policy);
    c.header('cache-control', 'no-cache');
    return c.html(page.replace('<!--importmap-->', `<script type="importmap">${inline}</script>`));
  }

  /** `/ui/<path>`: the shell's files, `/ui/vendor/<package>/<path>`: npm modules. */
  async file(c: GatewayContext): Promise<Response> {
    const path = c.req.path.slice('/ui/'.length);
    if (path === 'boot.json') return this.#boot(c);
    if (path.startsWith('vendor/')) return this.#vendorFile(c, path.slice('vendor/'.length));
    return this.#serve(c, this.#options.folder, path);
  }

  /** `/service-worker.js`: it shows notifications, and a browser lets it do so only from the root. */
  serviceWorker(c: GatewayContext): Promise<Response> {
    return this.#serve(c, this.#options.folder, 'service-worker.ts');
  }

  /** `/ca.crt`: what a telephone or computer installs so that it trusts the box. It is public, and says nothing secret. */
  authority(c: GatewayContext): Response {
    const pem = this.#options.authority();
    if (pem === undefined) return c.text('this box has no authority of its own', 404);
    return c.body(pem, 200, {
      'content-type': 'application/x-x509-ca-cert',
      'content-disposition': 'attachment; filename="gatehouse-ca.crt"',
      'cache-control': 'no-store',
    });
  }

  /** `/p/<plugin>/ui/<path>`: a running plugin's pages. */
  async pluginFile(c: GatewayContext): Promise<Response> {
    const [, , id = '', , ...rest] = c.req.path.split('/');
    const registry = this.#options.registry();
    const folder = registry.folders.get(id);
    if (!folder || !registry.ui.has(id)) return c.text('no such page', 404);
    return this.#serve(c, join(folder, 'ui'), rest.join('/'));
  }

  #vendorFile(c: GatewayContext, path: string): Promise<Response> | Response {
    const name = VENDOR_PACKAGES.find((one) => path.startsWith(`${one}/`));
    const folder = name && this.#vendor.get(name);
    if (!folder) return c.text('no such module', 404);
    return this.#serve(c, folder, path.slice(name.length + 1));
  }

  async #serve(c: GatewayContext, folder: string, path: string): Promise<Response> {
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    if (!type || !PLAIN_PATH.test(path) || path.includes('..') || path.endsWith('.test.ts')) {
      return c.text('no such file', 404);
    }
    const served = await this.#read(join(folder, path), folder);
    if (!served) return c.text('no such file', 404);
    const headers = { 'cache-control': 'no-cache', etag: served.etag, 'x-content-type-options': 'nosniff' };
    if (hasAlready(c, served.etag)) return c.body(null, 304, headers);
    return c.body(served.body, 200, { ...headers, 'content-type': type });
  }

  async #read(file: string, folder: string): Promise<Served | undefined> {
    let modified: number;
    try {
      const [info, real, root] = await Promise.all([stat(file), realpath(file), realpath(folder)]);
      if (!info.isFile() || !real.startsWith(root + sep)) return undefined;
      modified = info.mtimeMs;
    } catch {
      return undefined;
    }
    const known = this.#cache.get(file);
    if (known?.modified === modified) return known;
    const source = await readFile(file);
    const body = file.endsWith('.ts') ? await stripTypes(source.toString('utf8'), file) : source;
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const served = { body: body as Buffer<ArrayBuffer>, etag, modified };
    this.#cache.set(file, served);
    return served;
  }

  #boot(c: GatewayContext): Response {
    const { registry, version, protocol, sessions } = this.#options;
    const caller = callerOf(c, sessions);
    const pages = [];
    const widgets = [];
    for (const [plugin, ui] of registry().ui) {
      const address = (module: string) => `/p/${plugin}/ui/${module.replace(/^\.?\/?(ui\/)?/, '')}`;
      for (const { access, module, ...page } of ui.pages) {
        if (decide(access, caller) === 'allowed') pages.push({ ...page, plugin, module: address(module) });
      }
      for (const { access, module, ...widget } of ui.widgets ?? []) {
        if (decide(access, caller) === 'allowed') widgets.push({ ...widget, plugin, module: address(module) });
      }
    }
    c.header('cache-control', 'no-store');
    return c.json({
      name: 'Gatehouse',
      version,
      protocol: protocol(),
      zone: this.#options.zone(),
      startMode: this.#options.startMode,
      user: caller ? userOf(caller) : null,
      rights: caller ? rightsOf(caller) : {},
      pages,
      widgets,
      plugins: [...registry().ui.keys()],
      languages: ['en', 'zh'],
    });
  }
}

function userOf({ userId, userName, role, imageRight, mustChangePassword }: Caller) {
  return { id: userId, name: userName, role, imageRight, mustChangePassword };
}

function rightsOf(caller: Caller): Record<string, Action> {
  const rights: Record<string, Action> = {};
  for (const area of AREAS) {
    if (decide({ area, action: 'see' }, caller) === 'allowed') rights[area] = 'see';
    if (decide({ area, action: 'change' }, caller) === 'allowed') rights[area] = 'change';
  }
  return rights;
}

async function stripTypes(source: string, file: string): Promise<Buffer> {
  const { code } = await transform(source, {
    loader: 'ts',
    target: 'es2022',
    sourcefile: file.split(sep).at(-1) ?? file,
  });
  return Buffer.from(code);
}
