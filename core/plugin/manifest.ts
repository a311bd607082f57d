import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** `plugin.json`: what is known of a plugin before any of its code runs. */
const manifestSchema = z
  .object({
    id: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,39}$/)
      .describe('the name of its folder'),
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    core: z
      .string()
      .regex(/^\^\d+\.\d+\.\d+$/)
      .describe('range of core versions, ^major.minor.patch'),
    description: z.string().max(200).default(''),
    run: z.enum(['inline', 'process']).default('inline'),
    messages: z.array(z.tuple([z.int().positive(), z.int().positive()])).default([]),
    requires: z.array(z.string()).default([]),
    optional: z.array(z.string()).default([]),
    provides: z.array(z.string()).default([]),
    essential: z.boolean().default(false).describe('runs in safe mode too, and cannot be switched off'),
    permissions: z.array(z.string()).default([]),
  })
  .strict();

export type Manifest = z.output<typeof manifestSchema>;

export interface FoundPlugin {
  id: string;
  folder: string;
  manifest?: Manifest;
  /** Why it cannot be loaded. */
  fault?: string;
}

/** Whether `version` lies in `range` (^major.minor.patch; below 1.0.0 the minor number must agree). */
export function inRange(range: string, version: string): boolean {
  const [wantMajor, wantMinor, wantPatch] = range.slice(1).split('.').map(Number) as [number, number, number];
  const [major, minor, patch] = version.split('.').map(Number) as [number, number, number];
  if (major !== wantMajor) return false;
  if (major === 0 && minor !== wantMinor) return false;
  return minor > wantMinor || (minor === wantMinor && patch >= wantPatch);
}

/** Checks one manifest against its folder and the core. Gives the fault as text instead of throwing. */
export function checkManifest(folder: string, id: string, coreVersion: string): FoundPlugin {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8'));
  } catch (error) {
    return { id, folder, fault: `plugin.json cannot be read: ${(error as Error).message}` };
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { id, folder, fault: `plugin.json, ${issue?.path.join('.') || 'top level'}: ${issue?.message}` };
  }
  const manifest = parsed.data;
  if (manifest.id !== id) return { id, folder, fault: `plugin.json names "${manifest.id}", the folder is "${id}"` };
  if (!inRange(manifest.core, coreVersion)) {
    return { id, folder, fault: `made for core ${manifest.core}, this is ${coreVersion}` };
  }
  if (manifest.run === 'process') {
    return { id, folder, fault: 'run "process" is not available yet: plugins run inline' };
  }
  return { id, folder, manifest };
}

/** Every folder of `plugins/`, in the order of their names; one without a manifest is a fault, told by its name. */
export function findPlugins(root: string, coreVersion: string): FoundPlugin[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((id) => checkManifest(join(root, id), id, coreVersion));
}
