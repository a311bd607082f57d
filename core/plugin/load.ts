import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nestedSecret } from './config.ts';
import type { PluginDefinition } from './contract.ts';

/**
 * Loads a plugin's module.
 * @throws Error when it has no plugin as its default export, or settings that could not be kept secret
 */
export async function loadPlugin(folder: string): Promise<PluginDefinition> {
  const module = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as { default?: PluginDefinition };
  if (typeof module.default?.setup !== 'function') {
    throw new Error('index.ts has no default export made with definePlugin');
  }
  const nested = module.default.config && nestedSecret(module.default.config);
  if (nested) throw new Error(`the secret in setting "${nested}" must stand at the top level, where it is masked`);
  return module.default;
}
