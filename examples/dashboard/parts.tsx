/** What several views need: what could not be read, a search, and the way to more rows. */
import { useState } from 'react';
import {
  Alert,
  Button,
  Group,
  List,
  Loader,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { count } from './names.ts';
import { reasonsOf } from './reasons.ts';
import { useFilters } from './use-filters.ts';
import { whoOptions } from './user-filter.ts';

/** Facts in a line, without those that are missing. */
export function Details({ of: facts }: { of: readonly unknown[] }) {
  return (
    <Text size="sm" c="dimmed">
      {facts.filter(Boolean).join(' · ')}
    </Text>
  );
}

interface ProblemsProps {
  readonly error?: unknown;
  readonly missing?: readonly { readonly message: string }[] | undefined;
  readonly retry?: () => unknown;
}

export function Problems({ error, missing = [], retry }: ProblemsProps) {
  const reasons = new Set([...missing.map(({ message }) => message), ...reasonsOf(error)]);
  if (reasons.size === 0) return null;
  const isMissing = missing.length > 0;
  const title = isMissing
    ? `Not counted, because it could not be read: ${count(missing.length, 'tenant')}`
    : 'Some of this could not be read';
  return (
    <Alert role="alert" variant="default" className="problems" title={title}>
      <List size="sm">
        {[...reasons].map((reason) => (
          <List.Item key={reason}>{reason}</List.Item>
        ))}
      </List>
      {retry && (
        <Button mt="sm" size="xs" variant="default" onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <Stack role="status" gap="sm">
      <Text c="dimmed">Loading {what}…</Text>
      {[1, 2, 3].map((line) => (
        <Skeleton key={line} height={28} />
      ))}
    </Stack>
  );
}

/** Typed text goes into the URL after a pause. Another URL, as by the back button, replaces the text. */
export function Search({ label }: { label: string }) {
  const [filters, setFilter] = useFilters();
  const value = filters.get('search') ?? '';
  const [{ text, from }, setText] = useState({ text: value, from: value });
  if (from !== value) setText({ text: value, from: value });
  const search = useDebouncedCallback((typed: string) => {
    setFilter('search', typed);
  }, 300);
  const type = (typed: string) => {
    setText({ text: typed, from });
    search(typed);
  };
  return (
    <TextInput
      type="search"
      label={label}
      value={text}
      onChange={(event) => {
        type(event.target.value);
      }}
    />
  );
}

/** Whom the numbers of the page count. */
export function WhoCounts() {
  const [filters, setFilter] = useFilters();
  return (
    <NativeSelect
      label="Who counts"
      data={whoOptions}
      value={filters.get('who') ?? ''}
      onChange={(event) => {
        setFilter('who', event.target.value);
      }}
    />
  );
}

interface MoreProps {
  readonly label: string;
  readonly shown: string;
  readonly hasMore: boolean;
  readonly load: () => Promise<{ readonly error?: unknown }>;
}

export function More({ label, shown, hasMore, load }: MoreProps) {
  const [{ isLoading, error }, setState] = useState<{ isLoading: boolean; error?: unknown }>({
    isLoading: false,
  });
  const more = async () => {
    setState({ isLoading: true });
    const result = await load().catch((reason: unknown) => ({ error: reason }));
    setState({ isLoading: false, error: result.error });
  };
  return (
    <Stack gap="sm" mt="md">
      <Problems error={error} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {shown}
        </Text>
        {hasMore && (
          // Not disabled while it loads, so that it keeps the keyboard's focus.
          <Button
            variant="default"
            onClick={() => void more()}
            leftSection={isLoading && <Loader size="xs" />}
          >
            {label}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** For the heading of a view that a link has opened: keyboards and screen readers go on from there. */
export function focus(heading: HTMLElement | null): void {
  heading?.focus();
}
