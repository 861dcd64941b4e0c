import { createPredictor, type PredictionData } from '@glitchwatch/numerics';
import type { DecodedSections, Section } from './section-file.js';

export interface PredictedFamily {
  readonly familyId: number;
  readonly probability: number;
  /** GLOSH against the fit: (lambda max - lambda) / lambda max of the cluster it falls into. */
  readonly outlierScore: number;
}

/** Tells the family at a place on the map, by the condensed tree of the fit. */
export function familyPredictor(fit: {
  readonly prediction: PredictionData;
  readonly familyOfLabel: readonly number[];
}): (place: Float32Array) => PredictedFamily {
  const predict = createPredictor(fit);
  return (place) => {
    const found = predict({ rows: 1, cols: 2, data: place });
    const label = found.labels[0]!;
    return {
      familyId: label < 0 ? -1 : fit.familyOfLabel[label]!,
      probability: found.probabilities[0]!,
      outlierScore: found.outlierScores[0]!,
    };
  };
}

/** The arrays of the prediction data as sections of a snapshot; points are the layout. */
export function predictionSections(prediction: PredictionData): Record<string, Section> {
  return {
    'prediction.coreDistances': prediction.coreDistances,
    'prediction.pointCluster': prediction.pointCluster,
    'prediction.pointLambda': prediction.pointLambda,
    'prediction.clusterParent': prediction.clusterParent,
    'prediction.clusterBirth': prediction.clusterBirth,
    'prediction.clusterLabel': prediction.clusterLabel,
    'prediction.clusterGreatest': prediction.clusterGreatest,
    'prediction.subtreeGreatest': prediction.subtreeGreatest,
    // A section, because JSON has no infinity.
    'prediction.rootThreshold': Float64Array.of(prediction.rootThreshold),
  };
}

export function predictionFrom(
  sections: DecodedSections,
  layout: Float32Array,
  minSamples: number,
): PredictionData {
  return {
    points: { rows: layout.length / 2, cols: 2, data: Float64Array.from(layout) },
    minSamples,
    coreDistances: sections.float64('prediction.coreDistances'),
    pointCluster: sections.int32('prediction.pointCluster'),
    pointLambda: sections.float64('prediction.pointLambda'),
    clusterParent: sections.int32('prediction.clusterParent'),
    clusterBirth: sections.float64('prediction.clusterBirth'),
    clusterLabel: sections.int32('prediction.clusterLabel'),
    clusterGreatest: sections.float64('prediction.clusterGreatest'),
    subtreeGreatest: sections.float64('prediction.subtreeGreatest'),
    rootThreshold: sections.float64('prediction.rootThreshold')[0]!,
  };
}
