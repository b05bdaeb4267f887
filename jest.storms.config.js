/** The storms in full, `npm run test:storms`: the test files with sizes that STORMS=full raises, by their imports. */
import base from './jest.config.js';
import { reachedFrom, testFiles } from './jest.unit.config.js';

export const storms = testFiles.filter((file) => reachedFrom(file).has('./test/storms.ts'));

/** @type {import('jest').Config} */
export default { ...base, testMatch: storms.map((name) => `<rootDir>/${name}`) };
