/** What a test looks at on every page of the dashboard, and how the page writes numbers. */

export const format = (value: number | undefined) => new Intl.NumberFormat('en').format(value ?? 0);

export interface Observed {
  readonly overflow: number;
  readonly findings: readonly string[];
  readonly enums: readonly string[];
  /** Texts of charts, which axe does not look into, that have not the colour of other texts. */
  readonly paleLabels: number;
  readonly background: string;
}

/** Runs in the page, which has axe. */
export const observe = `(async () => {
  const { violations } = await axe.run();
  return {
    overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    findings: violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)),
    enums: document.body.innerText.match(/\\b[A-Z]{2,}(_[A-Z0-9]+)+\\b|\\b[A-Z]{5,}\\b/g) ?? [],
    paleLabels: [...document.querySelectorAll('.chart text')].filter(
      (text) => getComputedStyle(text).fill !== getComputedStyle(document.body).color).length,
    background: getComputedStyle(document.body).backgroundColor,
  };
})()`;
