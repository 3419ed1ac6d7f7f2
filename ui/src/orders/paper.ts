/** Paper of receipts: half a sheet lying, or what a roll of 80 mm gives. */
export const papers = ['a5', 'roll'] as const;
export type Paper = (typeof papers)[number];

export const numberText = (receipt: number | null): string =>
  receipt === null ? '' : String(receipt).padStart(8, '0');

const REMEMBERED = 'wattroom.paper';
export function rememberedPaper(): Paper {
  const kept = localStorage.getItem(REMEMBERED);
  return papers.find((paper) => paper === kept) ?? 'a5';
}
export const rememberPaper = (paper: Paper): void => localStorage.setItem(REMEMBERED, paper);

const MM_PER_PX = 25.4 / 96;
/** A roll ends where the receipt ends, and a feed of 8 mm after it. */
const FEED_MM = 8;

/** Prints what is marked for paper, on a page of its size; a page's size cannot depend on a class of the document. */
export function printOn(paper: Paper, heightPx: number): void {
  const size = paper === 'a5' ? '210mm 148mm' : `80mm ${Math.ceil(heightPx * MM_PER_PX) + FEED_MM}mm`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page { size: ${size}; margin: ${paper === 'a5' ? '10mm 8mm' : '3mm 3mm 0'}; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  addEventListener(
    'afterprint',
    () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    },
    { once: true },
  );
  print();
}

/** Out of the page into the document's body, where the print style finds it. For `{@attach}`. */
export function onPaper(element: HTMLElement): () => void {
  document.body.append(element);
  return () => element.remove();
}
