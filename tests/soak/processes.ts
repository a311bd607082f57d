import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says of processes of this machine. */

interface ProcessRow {
  pid: number;
  parent: number;
  zombie: boolean;
  commandLine: string;
}

/** Direct children of a process. */
export function childrenOf(parent: number): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [state, owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(owner) !== parent) return [];
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent, zombie: state === 'Z', commandLine }];
      } catch {
        // It has gone meanwhile.
        return [];
      }
    });
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) / 1024;
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export function threadCount(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}
