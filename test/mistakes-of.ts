import { ConfigError, readConfig } from '../src/config/config.ts';

/** What keeps these settings from being used, a sentence each. */
export function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}
