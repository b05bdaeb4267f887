/** Filters that live in the URL: a reload and the back button restore them. */
import { useSearchParams } from 'wouter';

/** A path of the page with the same choice of who counts. */
export function pathWith(path: string, filters: URLSearchParams): string {
  const who = filters.get('who');
  return who === null ? path : `${path}?${new URLSearchParams({ who }).toString()}`;
}

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
