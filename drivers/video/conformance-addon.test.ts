import { addonMissing } from '../../tests/kit/runtime.ts';
import { cameraDriverConforms } from './conformance.fixture.ts';

// One at a time: with the steady camera beside it that takes the four threads a process of Node usually has.
cameraDriverConforms('addon', { atOnce: 1, skip: addonMissing() });
