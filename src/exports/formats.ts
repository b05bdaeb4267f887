/** Formats of exports by file extension. */
import type { ExportFormat } from './cells.ts';
import { csv } from './csv.ts';
import { ndjson } from './ndjson.ts';
import { xlsx } from './xlsx.ts';

export const exportFormats = { csv, ndjson, xlsx } as const satisfies Readonly<Record<string, ExportFormat>>;

export type ExportFormatName = keyof typeof exportFormats;

export const exportFormatNames = Object.keys(exportFormats) as readonly ExportFormatName[];
