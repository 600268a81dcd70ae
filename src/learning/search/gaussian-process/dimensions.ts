// The dimensions of a search space: assignments as points of the unit cube, and back.
// Every parameter with more than one value is a dimension. Numbers lie on their unit scale; a choice is its number.
// A place is a full set of coordinates, also of inactive parameters: what they would be if they were active. The model
// sees a masked place: an inactive number counts as the middle of its range, an inactive choice as one more choice. The
// condition's parameter differs as well, so active and inactive stay apart, and two assignments without it agree in it.
import { buildAssignment, orderParameters } from '../assignment.ts';
import { fromUnit, toUnit } from '../scale.ts';
import {
  type Assignment,
  countValues,
  type Parameter,
  type SearchSpace,
  type SearchValue,
  valueAt,
} from '../space.ts';

/** Ranges with more values are searched as if they were continuous; proposals are rounded to a value. */
const MAX_GRID = 1024;
const INACTIVE_CHOICE = -1;
const INACTIVE_NUMBER = 0.5;

export interface Dimension {
  readonly name: string;
  readonly isChoice: boolean;
  /** Ascending coordinates of all values; null where the range is searched as continuous. */
  readonly grid: Float64Array | null;
  /** Parameters before this one that must have one of these coordinates. */
  readonly conditions: readonly { readonly dimension: number; readonly coordinates: readonly number[] }[];
}

export interface Dimensions {
  readonly all: readonly Dimension[];
  readonly isChoice: readonly boolean[];
  /** The place of an assignment, inactive parameters masked. */
  encode(assignment: Assignment): Float64Array;
  /** The place of an assignment; inactive parameters get some value that they can have. */
  placeOf(assignment: Assignment): Float64Array;
  decode(place: Float64Array): Assignment;
  /** Copies a place, inactive parameters masked. */
  mask(place: Float64Array): Float64Array;
  isActive(dimension: number, place: Float64Array): boolean;
  /** Moves coordinates within [0, 1] that are uniform to values of each dimension. */
  snap(place: Float64Array): void;
}

export function createDimensions(space: SearchSpace): Dimensions {
  const all = listDimensions(space);
  const names = new Map(all.map(({ name }, i) => [name, i]));
  const isChoice = all.map((dimension) => dimension.isChoice);

  const isActive = (at: number, place: Float64Array): boolean =>
    (all[at] as Dimension).conditions.every(({ dimension, coordinates }) =>
      coordinates.some((coordinate) => Math.abs(coordinate - place[dimension]!) < 1e-12),
    );

  const encode = (assignment: Assignment): Float64Array =>
    Float64Array.from(all, ({ name, isChoice: choice }) =>
      Object.hasOwn(assignment, name)
        ? coordinateOf(space[name] as Parameter, assignment[name] as SearchValue)
        : choice
          ? INACTIVE_CHOICE
          : INACTIVE_NUMBER,
    );

  return {
    all,
    isChoice,
    isActive,
    encode,
    placeOf: (assignment) =>
      encode(assignment).map((coordinate, i) => {
        const { isChoice: choice, grid, name } = all[i] as Dimension;
        if (choice) return Math.max(0, coordinate);
        return grid === null ? coordinate : nearest(grid, space[name] as Parameter, coordinate);
      }),
    decode: (place) =>
      buildAssignment(space, (name, parameter): SearchValue => {
        const dimension = names.get(name);
        if (dimension === undefined)
          return parameter.kind === 'categorical' ? valueAt(parameter, 0) : parameter.low;
        const coordinate = place[dimension] as number;
        return parameter.kind === 'categorical'
          ? valueAt(parameter, coordinate)
          : fromUnit(parameter, coordinate);
      }),
    mask: (place) =>
      place.map((coordinate, i) =>
        isActive(i, place) ? coordinate : isChoice[i] ? INACTIVE_CHOICE : INACTIVE_NUMBER,
      ),
    snap(place) {
      for (const [i, { isChoice: choice, grid, name }] of all.entries()) {
        const coordinate = place[i] as number;
        if (grid === null) continue;
        if (choice) place[i] = Math.min(grid.length - 1, Math.floor(coordinate * grid.length));
        else place[i] = nearest(grid, space[name] as Parameter, coordinate);
      }
    },
  };
}

function listDimensions(space: SearchSpace): Dimension[] {
  const names = orderParameters(space).filter((name) => countValues(space[name] as Parameter) > 1);
  const positions = new Map(names.map((name, i) => [name, i]));
  return names.map((name) => {
    const parameter = space[name] as Parameter;
    const count = countValues(parameter);
    const isChoice = parameter.kind === 'categorical';
    return {
      name,
      isChoice,
      grid:
        isChoice || count <= MAX_GRID
          ? Float64Array.from({ length: count }, (_, i) => coordinateOf(parameter, valueAt(parameter, i)))
          : null,
      conditions: conditionsOf(space, parameter, positions),
    };
  });
}

/** The condition of a parameter, and those of the parameters that it needs. A parameter with one value needs no check. */
function conditionsOf(
  space: SearchSpace,
  parameter: Parameter,
  positions: ReadonlyMap<string, number>,
): Dimension['conditions'] {
  if (parameter.when === undefined) return [];
  const needed = space[parameter.when.parameter] as Parameter;
  const dimension = positions.get(parameter.when.parameter);
  const own =
    dimension === undefined
      ? []
      : [{ dimension, coordinates: parameter.when.values.map((value) => coordinateOf(needed, value)) }];
  return [...conditionsOf(space, needed, positions), ...own];
}

/** A value that the space does not have counts as one more choice, or as the nearest end of the range. */
function coordinateOf(parameter: Parameter, value: SearchValue): number {
  if (parameter.kind === 'categorical') return parameter.choices.indexOf(value);
  return typeof value === 'number' ? toUnit(parameter, value) : INACTIVE_NUMBER;
}

/** The coordinate of the value whose interval holds a coordinate. */
function nearest(grid: Float64Array, parameter: Parameter, coordinate: number): number {
  if (parameter.kind !== 'categorical' && parameter.log !== true) {
    return grid[Math.min(grid.length - 1, Math.floor(coordinate * grid.length))]!;
  }
  return coordinateOf(
    parameter,
    fromUnit(parameter as Exclude<Parameter, { kind: 'categorical' }>, coordinate),
  );
}
