import { definePlugin, provide } from '../../core/plugin/contract.ts';
import { exporting } from '../../core/plugin/export-services.ts';
import { Shelf } from './shelf.ts';
import * as tables from './tables.ts';

export default definePlugin({
  tables,
  setup: ({ id, store, clock, metrics, retain }) => {
    const shelf = new Shelf({ owner: id, store, now: () => clock.now(), zone: () => clock.zone });
    metrics.gauge('files', 'Files for download that are kept', () => shelf.kept().files);
    metrics.gauge('bytes', 'Size of the files for download', () => shelf.kept().bytes);
    retain(shelf.retentionPolicy());
    return { services: [provide(exporting, shelf)], start: () => shelf.reconcile(), stop: () => shelf.stop() };
  },
});
