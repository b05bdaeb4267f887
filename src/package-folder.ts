import { existsSync } from 'node:fs';
import { PackageError } from './errors.ts';

/** Folder of package.json, schema/ and dist/, independent of bundling. */
export const packageFolder = folderOfPackage(new URL('./', import.meta.url));

function folderOfPackage(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const parent = new URL('../', folder);
  if (parent.href === folder.href)
    throw new PackageError('package.json is missing: it belongs beside the folder dist.');
  return folderOfPackage(parent);
}
