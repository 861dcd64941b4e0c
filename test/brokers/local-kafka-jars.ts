import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LEAST_JAVA = 17;

export const kafkaLocalDir = fileURLToPath(new URL('./kafka-local/', import.meta.url));
const repositoryDir = fileURLToPath(new URL('../../', import.meta.url));
export const cacheDir = join(repositoryDir, 'node_modules/.cache/glitchwatch-kafka-4.3.1');

export interface KafkaJars {
  /** For `java -cp`. */
  readonly classPath: string;
  /** Class-data archive for quick starts; may not exist yet. */
  readonly archive: string;
}

/** Why no local broker can be started here. */
export class NoLocalKafka extends Error {}

/** The broker's jars, fetched by Maven once; throws `NoLocalKafka` with the reason. */
export async function findKafkaJars(): Promise<KafkaJars> {
  const java = await javaVersion();
  const libs = join(cacheDir, 'libs');
  if (!existsSync(libs)) await fetchJars(libs);
  const jars = (await readdir(libs)).filter((name) => name.endsWith('.jar')).sort();
  return {
    classPath: jars.map((name) => join(libs, name)).join(':'),
    archive: join(cacheDir, `classes-${java}.jsa`),
  };
}

async function javaVersion(): Promise<string> {
  const { stderr } = await run('java', ['-version']).catch((error: unknown) => {
    throw new NoLocalKafka(`no Java here (${firstLine(error)})`);
  });
  const [, version = '', major = '0'] = /version "((\d+)[^"]*)"/.exec(stderr) ?? [];
  if (Number(major) >= LEAST_JAVA) return version;
  throw new NoLocalKafka(
    `Java ${version || 'of an unknown version'}, but Kafka needs ${LEAST_JAVA}`,
  );
}

/** Into a folder of its own first, so that `libs` is complete whenever it is there. */
async function fetchJars(libs: string): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(tmpdir(), 'glitchwatch-kafka-jars-'));
  try {
    await cp(join(kafkaLocalDir, 'pom.xml'), join(work, 'pom.xml'));
    await run(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        join(work, 'pom.xml'),
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${join(work, 'libs')}`,
      ],
      { cwd: work, timeout: 240_000, maxBuffer: 2 ** 24 },
    );
    const fetched = `${libs}.${process.pid}`;
    await cp(join(work, 'libs'), fetched, { recursive: true });
    await rename(fetched, libs).catch(async (error: unknown) => {
      // Another test run was first.
      await rm(fetched, { recursive: true, force: true });
      if (!existsSync(libs)) throw error;
    });
  } catch (error) {
    throw new NoLocalKafka(`Maven could not fetch Kafka's jars (${firstLine(error)})`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
