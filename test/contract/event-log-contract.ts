import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { appendCases } from './event-log/append-cases.js';
import { cleaningCases } from './event-log/cleaning-cases.js';
import { consumerCases } from './event-log/consumer-cases.js';
import { deadLetterCases } from './event-log/dead-letter-cases.js';
import { groupCases } from './event-log/group-cases.js';
import { processCases } from './event-log/process-cases.js';
import { readCases } from './event-log/read-cases.js';
import { replayCases } from './event-log/replay-cases.js';
import {
  createFixture,
  type EventLogTraits,
  type EventLogUnderTest,
  type Fixture,
} from './event-log/setup.js';

export type { EventLogTraits, EventLogUnderTest } from './event-log/setup.js';

/** The promises of packages/event-log/src/port.ts; every adapter runs them unchanged. */
export function eventLogContract(
  name: string,
  factory: () => Promise<EventLogUnderTest>,
  traits: EventLogTraits,
): void {
  describe(`event log: ${name}`, () => {
    let underTest: EventLogUnderTest;
    let fixture: Fixture | undefined;
    let cleanUp: () => Promise<void>;

    beforeAll(async () => {
      underTest = await factory();
    });
    beforeEach(() => {
      ({ fixture, cleanUp } = createFixture(underTest, traits));
    });
    afterEach(async () => {
      await cleanUp();
    });
    afterAll(async () => {
      await underTest.dispose();
    });

    const current = (): Fixture => {
      if (fixture === undefined) throw new Error('the fixture is there only within a test');
      return fixture;
    };
    appendCases(current);
    readCases(current);
    consumerCases(current);
    groupCases(current);
    processCases(current);
    deadLetterCases(current);
    replayCases(current);
    if (traits.cleansOnRequest) cleaningCases(current);
  });
}
