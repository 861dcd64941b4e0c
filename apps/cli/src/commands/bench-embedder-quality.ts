import { Command } from 'commander';
import { benchEmbedderQuality, type EmbedderQuality } from '../bench/embedder-quality-bench.js';
import { jsonOption, modelOptions } from '../options.js';
import { printJson, printLine } from '../output.js';

interface Flags {
  readonly images: string;
  readonly metadata?: string;
  readonly embedder: string;
  readonly resnet18?: string;
  readonly mobilenetv2?: string;
  readonly json?: boolean;
}

const columns = [
  'dim',
  'accuracy',
  'balanced',
  'mAP',
  'NMI labels',
  'NMI windows',
  'gaps: families',
  'NMI labels',
  'NMI gaps',
  "McNemar's p",
] as const;

function print({ methods: rows, nmiLabelsWindows }: EmbedderQuality): void {
  printLine(`${String(rows[0]?.scored ?? 0)} glitches whose class has another member`);
  printLine(['method'.padEnd(24), ...columns.map((name) => name.padStart(16))].join(''));
  for (const row of rows) {
    const figures = [
      String(row.dimension),
      row.accuracy.toFixed(4),
      row.balancedAccuracy.toFixed(4),
      row.meanAveragePrecision.toFixed(4),
      row.nmiLabels.toFixed(3),
      row.nmiWindows.toFixed(3),
      String(row.gaps?.families ?? ''),
      row.gaps?.nmiLabels.toFixed(3) ?? '',
      row.gaps?.nmiGaps.toFixed(3) ?? '',
      row.against?.pValue.toPrecision(2) ?? '',
    ];
    printLine([row.method.padEnd(24), ...figures.map((text) => text.padStart(16))].join(''));
  }
  printLine(`NMI of the labels themselves with the windows: ${nmiLabelsWindows.toFixed(3)}`);
}

export function benchEmbedderQualityCommand(signal: AbortSignal): Command {
  const [embedder] = modelOptions();
  const command = new Command('embedder-quality')
    .description(
      'how well vectors tell labelled pictures apart, beside ImageNet networks and no network',
    )
    .requiredOption('--images <dir>', 'folder of Gravity Spy PNGs')
    .option('--metadata <csv>', 'CSV with the labels')
    .option('--resnet18 <path>', 'ONNX file of an ImageNet ResNet-18 with features')
    .option('--mobilenetv2 <path>', 'ONNX file of an ImageNet MobileNetV2 with features');
  if (embedder) command.addOption(embedder);
  return command.addOption(jsonOption()).action(async (flags: Flags) => {
    const quality = await benchEmbedderQuality({ ...flags, signal });
    if (flags.json) printJson(quality);
    else print(quality);
  });
}
