/** Collects what was checked, what failed and, as loudly, what could not be checked. */
export function createReport() {
  const passed = [];
  const failed = [];
  const notChecked = [];
  const leftOut = [];
  return {
    /** Runs one check; what it returns is said beside its name. Never rejects. */
    async check(name, work) {
      const startedMs = Date.now();
      try {
        const detail = await work();
        passed.push(name);
        console.log(`ok      ${name}${detail ? `: ${detail}` : ''} (${secondsSince(startedMs)} s)`);
        return true;
      } catch (error) {
        failed.push(name);
        console.log(`FAILED  ${name} (${secondsSince(startedMs)} s)\n${indent(error.message)}`);
        return false;
      }
    },
    notChecked(what, why) {
      notChecked.push(what);
      console.log(`NOT CHECKED  ${what}: ${why}`);
    },
    /** What was not asked for, or what these checks cannot say anywhere; no failure under `strict`. */
    leftOut(what, why) {
      leftOut.push(what);
      console.log(`LEFT OUT  ${what}: ${why}`);
    },
    /** @returns the exit code; with `strict` nothing may be left out. */
    finish({ strict }) {
      if (failed.length > 0) console.log(`failed: ${failed.join('; ')}`);
      if (leftOut.length > 0) console.log(`left out: ${leftOut.join('; ')}`);
      if (notChecked.length > 0) console.log(`not checked: ${notChecked.join('; ')}`);
      console.log(
        `deploy: ${passed.length} passed, ${failed.length} failed, ${notChecked.length} skipped`,
      );
      return failed.length > 0 || (strict && notChecked.length > 0) ? 1 : 0;
    },
  };
}

const secondsSince = (ms) => ((Date.now() - ms) / 1000).toFixed(1);
const indent = (text) => text.trim().replace(/^/gm, '        ');
