import type { SparseGraph } from './fuzzy-graph.js';

/** Connected components; numbered by their lowest vertex. */
export interface Components {
  readonly count: number;
  /** Component of each vertex. */
  readonly labels: Int32Array;
}

/** Connected components of a symmetric graph, by breadth-first search. */
export function connectedComponents(graph: SparseGraph): Components {
  const { n, offsets, columns } = graph;
  const labels = new Int32Array(n).fill(-1);
  const queue = new Int32Array(n);
  let count = 0;
  for (let start = 0; start < n; start++) {
    if (labels[start] !== -1) continue;
    labels[start] = count;
    queue[0] = start;
    let end = 1;
    for (let at = 0; at < end; at++) {
      const vertex = queue[at]!;
      for (let p = offsets[vertex]!; p < offsets[vertex + 1]!; p++) {
        const other = columns[p]!;
        if (labels[other] !== -1) continue;
        labels[other] = count;
        queue[end++] = other;
      }
    }
    count++;
  }
  return { count, labels };
}

/** Vertices of each component, ascending. */
export function verticesByComponent({ count, labels }: Components): Int32Array[] {
  const sizes = new Int32Array(count);
  for (const label of labels) sizes[label]!++;
  const lists = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(count);
  for (let v = 0; v < labels.length; v++) lists[labels[v]!]![filled[labels[v]!]!++] = v;
  return lists;
}

/** The part of `graph` on `vertices` (ascending, closed under edges), renumbered. */
export function subgraph(graph: SparseGraph, vertices: Int32Array): SparseGraph {
  const place = new Int32Array(graph.n);
  for (let i = 0; i < vertices.length; i++) place[vertices[i]!] = i;
  const offsets = new Int32Array(vertices.length + 1);
  for (let i = 0; i < vertices.length; i++) {
    const v = vertices[i]!;
    offsets[i + 1] = offsets[i]! + graph.offsets[v + 1]! - graph.offsets[v]!;
  }
  const columns = new Int32Array(offsets[vertices.length]!);
  const weights = new Float32Array(columns.length);
  let end = 0;
  for (const v of vertices) {
    for (let p = graph.offsets[v]!; p < graph.offsets[v + 1]!; p++) {
      columns[end] = place[graph.columns[p]!]!;
      weights[end++] = graph.weights[p]!;
    }
  }
  return { n: vertices.length, offsets, columns, weights };
}
