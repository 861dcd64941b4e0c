import { describe, expect, it } from 'vitest';
import { chooseAlert, chooseFamily, labelGlitch, pinGlitch, stepBack } from './actions.js';
import { createExplorer } from './explorer.js';
import { agreementOf, fakeGateway } from './fake-gateway.js';
import { nothingSelected } from './selection.js';

const start = () => createExplorer(fakeGateway(), 0);

describe('selection', () => {
  it('takes a family back when it is chosen again', () => {
    const explorer = start();
    chooseFamily(explorer, 3);
    expect(explorer.selection.value.familyId).toBe(3);
    chooseFamily(explorer, 3);
    expect(explorer.selection.value).toEqual(nothingSelected);
  });

  it('keeps the highlight under a pinned glitch, and steps back one at a time', () => {
    const explorer = start();
    chooseFamily(explorer, 3);
    pinGlitch(explorer, 'g');
    expect(explorer.selection.value).toMatchObject({ familyId: 3, glitchId: 'g' });
    stepBack(explorer);
    expect(explorer.selection.value).toEqual({ ...nothingSelected, familyId: 3 });
    stepBack(explorer);
    expect(explorer.selection.value).toEqual(nothingSelected);
  });

  it('shows the family again when it is chosen while one of its glitches is pinned', () => {
    const explorer = start();
    chooseFamily(explorer, 3);
    pinGlitch(explorer, 'g');
    chooseFamily(explorer, 3);
    expect(explorer.selection.value).toEqual({ ...nothingSelected, familyId: 3 });
  });

  it('opens an alert in place of a family', () => {
    const explorer = start();
    chooseFamily(explorer, 3);
    chooseAlert(explorer, 'a');
    expect(explorer.selection.value).toEqual({ ...nothingSelected, alertId: 'a' });
  });
});

describe('labels', () => {
  it('are given, and what came of it is asked for', async () => {
    const gateway = fakeGateway();
    const explorer = createExplorer(gateway, 0);
    chooseFamily(explorer, 3);
    gateway.answers.agreement = agreementOf({ nDisagreements: 2 });
    await labelGlitch(explorer, 'g', 'Blip');
    expect(gateway.labels).toEqual([['g', 'Blip']]);
    expect(gateway.asked.glitch).toBe(1);
    expect(gateway.agreementOf).toEqual([[3]]);
    expect(explorer.agreement.value?.nDisagreements).toBe(2);
  });
});
