import type { MessageDefinition } from '../../../core/plugin/contract.ts';
import { batchMessages } from './batches.ts';
import { databaseMessages } from './databases.ts';
import { exportMessages } from './exports.ts';
import { faceMessages } from './faces.ts';
import type { MessageParts } from './fields.ts';
import { peopleMessages } from './people.ts';

/** The messages about portrait databases, the people in them, and faces of pictures. */
export function messages(parts: MessageParts): MessageDefinition[] {
  return [
    ...databaseMessages(parts),
    ...peopleMessages(parts),
    ...batchMessages(parts),
    ...exportMessages(parts),
    ...faceMessages(parts),
  ];
}
