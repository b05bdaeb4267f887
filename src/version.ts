import { readFileSync } from 'node:fs';
import { packageFolder } from './package-folder.ts';

/** The version of the gateway, as in package.json. */
export const { version } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as {
  readonly version: string;
};
