import { stat } from 'node:fs/promises';
import { bundledModelDir } from '@glitchwatch/embedder';

/** What `modelOptions` adds to a command. */
export interface ModelFlags {
  readonly embedder: string;
  readonly model?: string | undefined;
}

/** Where model.json and, if it is not beside it, the network lie. */
export interface ModelPlace {
  readonly modelDir: string;
  readonly modelPath?: string;
}

/** A folder is a whole model, a file the network of the preset that `--embedder` names. */
export async function modelPlaceOf({ embedder, model }: ModelFlags): Promise<ModelPlace> {
  if (model === undefined) return { modelDir: bundledModelDir(embedder) };
  const isFolder = await stat(model).then(
    (found) => found.isDirectory(),
    // Not there: the embedder says which file it misses, and why.
    () => false,
  );
  if (isFolder) return { modelDir: model };
  return { modelDir: bundledModelDir(embedder), modelPath: model };
}
