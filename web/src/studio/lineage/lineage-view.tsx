// TODO
import type { StudioViewProps } from '../studio-view.tsx';

export function LineageView({ place }: StudioViewProps) {
  return <p>{place.section}</p>;
}
