// The styles of the five outlets: length, headline capitals, and the banks of their openings, fillings and closings. Both
// classes use the same styles, so that a style says nothing about the label.

export interface HouseStyle {
  readonly outlet: string;
  /** Suffix of the banks: open-wire, mid-wire, close-wire. */
  readonly bank: string;
  readonly words: readonly [number, number];
  readonly capitalTitles: boolean;
}

export const houseStyles: readonly HouseStyle[] = [
  { outlet: 'Karsk Wire', bank: 'wire', words: [45, 75], capitalTitles: true },
  { outlet: 'The Long Table', bank: 'magazine', words: [110, 170], capitalTitles: false },
  { outlet: 'Plateau Notes', bank: 'blog', words: [80, 125], capitalTitles: false },
  { outlet: 'Sunday Almanac', bank: 'letters', words: [70, 110], capitalTitles: true },
  { outlet: 'Vossmar Market Bulletin', bank: 'bulletin', words: [45, 80], capitalTitles: true },
];
