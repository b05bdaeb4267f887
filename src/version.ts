import { readFileSync } from 'node:fs';
import { packageFolder } from './package-folder.ts';

/** Version of the gateway, from package.json. */
export const { version } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as {
  readonly version: string;
};
