import { type Glitch, glitchIdOf } from '@glitchwatch/proto';

/** With the id that ingest gives it. */
export function identified(glitch: Glitch): Glitch {
  const { trigger } = glitch;
  if (trigger === undefined) throw new Error('expected a glitch with a trigger');
  return { ...glitch, trigger: { ...trigger, glitchId: glitchIdOf(trigger) } };
}
