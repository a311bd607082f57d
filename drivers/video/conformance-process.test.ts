import { cameraDriverConforms } from './conformance.fixture.ts';

cameraDriverConforms('process', { atOnce: 4, skip: false });
