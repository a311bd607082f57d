import type { Clock, RouteDefinition } from '../../core/plugin/contract.ts';
import type { Exports } from '../../core/plugin/export-services.ts';
import type { FaceIndexState } from '../../core/plugin/face-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import type { Batches } from './batches.ts';
import type { CaptureSearch } from './capture-search.ts';
import type { Comparison } from './comparison.ts';
import type { Library } from './library.ts';
import { batchRoutes } from './rest-batches.ts';
import { captureRoutes } from './rest-captures.ts';
import { comparisonRoutes } from './rest-comparison.ts';
import { databaseRoutes } from './rest-databases.ts';
import { portraitRoutes } from './rest-portraits.ts';

/** `/p/portraits`: what the pages read and change. */

export interface RouteParts {
  library: Library;
  batches: Pick<Batches, 'recent'>;
  comparison: Comparison;
  captureSearch: CaptureSearch;
  clock: Pick<Clock, 'zone'>;
  /** Undefined while nobody makes files for download. */
  exports(): Exports | undefined;
  index(): FaceIndexState;
  cameras(): readonly CameraInfo[];
  blobs: Pick<Store['blobs'], 'open'>;
}

export function routes(parts: RouteParts): RouteDefinition[] {
  return [
    ...databaseRoutes(parts),
    ...portraitRoutes(parts),
    ...batchRoutes(parts),
    ...comparisonRoutes(parts),
    ...captureRoutes(parts),
  ];
}
