/** Filters that live in the URL: a reload and the back button restore them. */
import { useSearchParams } from 'wouter';

export function useFilters(): readonly [URLSearchParams, (name: string, value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = (name: string, value: string) => {
    setParams((before) => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(name);
      else after.set(name, value);
      return after;
    });
  };
  return [params, set];
}
