// TODO
import type { StudioViewProps } from '../studio-view.tsx';

export function RunView({ place }: StudioViewProps) {
  return <p>{place.section}</p>;
}
