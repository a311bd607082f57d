import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { dataFolderOf } from '../models/data-folder.ts';

/**
 * Configuration: `gatehouse.json` in the data folder, with the environment over it. Everything is checked at start;
 * a wrong value stops the box with a message that names it. What is only settable in the UI lives in the database.
 */

const port = z.coerce.number().int().min(1).max(65_535);
const flag = z
  .union([z.boolean(), z.enum(['0', '1', 'true', 'false'])])
  .transform((value) => value === true || value === '1' || value === 'true');

const settings = z
  .object({
    /** Address to listen on. */
    host: z.string().min(1).default('0.0.0.0'),
    httpPort: port.optional(),
    httpsPort: port.optional(),
    /** Counts at the first start only; afterwards the stored mode rules. */
    protocol: z.enum(['http', 'https']).default('https'),
    /** Password of `admin`, at the first start only; without it one is generated and printed once. */
    adminPassword: z.string().min(1).optional(),
    /** 1: run the demo site, 0: none; by default only at a first start with no cameras. */
    demo: flag.optional(),
    /** Folder with the scenes of the demo site, where it is not to show its own. */
    sceneFolder: z.string().optional(),
    /** Pushes and hooks may go to loopback addresses. */
    allowLoopbackPush: flag.default(false),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    /** Threads one inference may use. */
    inferenceThreads: z.coerce.number().int().min(1).max(64).default(1),
    /** Frames analysed per second and camera where the camera names no interval. */
    analysisRate: z.coerce.number().min(0.2).max(25).default(5),
    /** Folder of clips that `file:` cameras may play. */
    clipFolder: z.string().optional(),
    /** A box with internet fetches the recommended models at its first start. */
    fetchModels: flag.default(true),
  })
  .strict();

export type Config = Omit<z.output<typeof settings>, 'httpPort' | 'httpsPort' | 'clipFolder'> & {
  dataFolder: string;
  httpPort: number;
  httpsPort: number;
  clipFolder: string;
};

/** Environment variable of each setting; the same list stands in README. */
const ENVIRONMENT: Record<keyof z.input<typeof settings>, string> = {
  host: 'GATEHOUSE_HOST',
  httpPort: 'GATEHOUSE_HTTP_PORT',
  httpsPort: 'GATEHOUSE_HTTPS_PORT',
  protocol: 'GATEHOUSE_PROTOCOL',
  adminPassword: 'GATEHOUSE_ADMIN_PASSWORD',
  demo: 'GATEHOUSE_DEMO',
  sceneFolder: 'GATEHOUSE_SCENE_FOLDER',
  allowLoopbackPush: 'GATEHOUSE_ALLOW_LOOPBACK_PUSH',
  logLevel: 'GATEHOUSE_LOG_LEVEL',
  inferenceThreads: 'GATEHOUSE_INFERENCE_THREADS',
  analysisRate: 'GATEHOUSE_ANALYSIS_RATE',
  clipFolder: 'GATEHOUSE_CLIP_FOLDER',
  fetchModels: 'GATEHOUSE_FETCH_MODELS',
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(`${file} is not JSON: ${(error as Error).message}`);
  }
  throw new ConfigError(`${file} must hold one JSON object`);
}

/**
 * Reads and checks the configuration.
 * @param environment usually `process.env`
 * @param installed run as the installed service: the standard ports are the default
 * @throws ConfigError naming the setting
 */
export function loadConfig(environment: Record<string, string | undefined>, installed = false): Config {
  const dataFolder = dataFolderOf(environment);
  const values: Record<string, unknown> = readFile(resolve(dataFolder, 'gatehouse.json'));
  for (const [key, name] of Object.entries(ENVIRONMENT)) {
    const value = environment[name];
    if (value !== undefined && value !== '') values[key] = value;
  }
  const parsed = settings.safeParse(values);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '');
      const name = ENVIRONMENT[key as keyof typeof ENVIRONMENT];
      return name ? `${name} (${key} in gatehouse.json): ${issue.message}` : `gatehouse.json: ${issue.message}`;
    });
    throw new ConfigError(`wrong configuration\n  ${lines.join('\n  ')}`);
  }
  const config = parsed.data;
  return {
    ...config,
    dataFolder,
    httpPort: config.httpPort ?? (installed ? 80 : 8080),
    httpsPort: config.httpsPort ?? (installed ? 443 : 8443),
    clipFolder: resolve(config.clipFolder ?? resolve(dataFolder, 'clips')),
  };
}
