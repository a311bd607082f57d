import { z } from 'zod';
import { definePlugin, message, provide, route } from '../../core/plugin/contract.ts';
import { type DeviceIdentity, deviceIdentity, host } from '../../core/plugin/services.ts';
import { serialOf } from './serial.ts';

export default definePlugin({
  config: z.object({
    deviceId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{0,48}$/, 'must be 1 to 48 letters, digits, - or _; empty for the serial number')
      .default('')
      .describe('Name of the box towards other systems; empty: its serial number'),
  }),
  use: { host },
  setup: async (ctx) => {
    const serial = await serialOf(ctx.store);
    const identity: DeviceIdentity = {
      get deviceId() {
        return ctx.config.deviceId || serial;
      },
      serial,
    };

    return {
      services: [provide(deviceIdentity, identity)],
      messages: [
        message({
          id: 1281,
          name: 'query versions',
          access: 'session',
          request: z.object({}),
          handle: () => {
            const { version } = ctx.use.host;
            return {
              device_id: identity.deviceId,
              serial_id: serial,
              display_version: `Gatehouse ${version}`,
              display_web_version: `Gatehouse Web ${version}`,
              version: `Gatehouse-${version}`,
              web_version: `GatehouseWeb-${version}`,
            };
          },
        }),
        message({
          id: 1301,
          name: 'query the device id',
          access: 'session',
          request: z.object({}),
          handle: () => ({ device_id: identity.deviceId }),
        }),
      ],
      routes: [
        route({
          method: 'GET',
          path: '/',
          summary: 'Id, serial number and version of the box',
          access: 'session',
          response: z.object({ deviceId: z.string(), serial: z.string(), version: z.string() }),
          handle: () => ({ deviceId: identity.deviceId, serial, version: ctx.use.host.version }),
        }),
      ],
      reconfigure: () => ctx.changed('identity'),
    };
  },
});
