// TODO
import type { StudioViewProps } from '../studio-view.tsx';

export function RegistryView({ place }: StudioViewProps) {
  return <p>{place.section}</p>;
}
