import type { Admin } from 'kafkajs';
import { createClient, fewRetries } from './client.js';
import type { KafkaSettings } from './options.js';
import { Renewable } from './renewable.js';

export interface AdminLink {
  readonly admin: Admin;
  cut(): void;
}

export type AdminLinks = Renewable<AdminLink>;

export function createAdminLinks(settings: KafkaSettings, signal: AbortSignal): AdminLinks {
  return new Renewable<AdminLink>({
    deadlineMs: settings.requestDeadlineMs,
    signal,
    open: async () => {
      const { kafka, cut } = createClient({ settings, retry: fewRetries });
      const admin = kafka.admin({ retry: fewRetries });
      try {
        await admin.connect();
      } catch (error) {
        cut();
        throw error;
      }
      return { admin, cut };
    },
  });
}
