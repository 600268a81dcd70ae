// TODO
import type { StudioViewProps } from '../studio-view.tsx';

export function SweepsView({ place }: StudioViewProps) {
  return <p>{place.section}</p>;
}
