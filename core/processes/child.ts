import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { MessageChannel } from './channel.ts';
import { DoingNote } from './doing.ts';

/** How a child finds its supervisor. */
export const SOCKET_VARIABLE = 'GATEHOUSE_CHILD_SOCKET';
export const TOKEN_VARIABLE = 'GATEHOUSE_CHILD_TOKEN';
export const DOING_VARIABLE = 'GATEHOUSE_CHILD_DOING';

/** What every child tells its supervisor besides its own messages. */
export interface Beat {
  type: 'beat';
  residentBytes: number;
  /** Why the child should be renewed, where it knows of a reason. */
  renew?: string;
}

export interface Joined<Out extends object, In extends object> {
  channel: MessageChannel<Out | { type: 'hello'; token: string }, In>;
  /** Notes what is about to be done. */
  doing: DoingNote;
}

/**
 * Connects a child process to the core that started it. The child ends when the core's socket closes, whatever it does
 * then; the core alone decides when it stops. Ends the process where it was not started by the core.
 */
export function joinSupervisor<Out extends object, In extends object>(
  onMessage: (message: In, blobs: Uint8Array[]) => void,
): Joined<Out, In> {
  const path = process.env[SOCKET_VARIABLE];
  const token = process.env[TOKEN_VARIABLE];
  const doing = process.env[DOING_VARIABLE];
  if (!path || !token || !doing) {
    process.stderr.write('this process is started by the core, not by hand\n');
    process.exit(2);
  }
  dieFirst();
  const socket = connect(path);
  const channel: Joined<Out, In>['channel'] = new MessageChannel(socket, onMessage);
  channel.send({ type: 'hello', token });
  // SIGKILL: process.exit() waits for native calls that may never come back.
  socket.on('close', () => process.kill(process.pid, 'SIGKILL'));
  socket.on('error', () => socket.destroy());
  // A Ctrl-C on the terminal reaches both.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  return { channel, doing: new DoingNote(doing) };
}

/** Where memory runs out, the kernel takes this process and not the core, which would start it again. */
function dieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '800');
  } catch {
    // Only Linux has it, and only there it is needed.
  }
}
