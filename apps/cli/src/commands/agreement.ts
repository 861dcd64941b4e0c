import { type Agreement, GetAgreementRequest, type GetAgreementResponse } from '@glitchwatch/proto';
import { Metadata } from '@grpc/grpc-js';
import { Command, Option } from 'commander';
import { callGateway, gatewayOption } from '../gateway-call.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface AgreementFlags {
  readonly gateway: string;
  readonly disagreements: number;
  readonly family?: readonly number[];
  readonly json?: boolean;
}

async function agreement(flags: AgreementFlags): Promise<void> {
  const request = GetAgreementRequest.fromPartial({
    maxDisagreements: flags.disagreements,
    ambiguousInFamilyIds: [...(flags.family ?? [])],
  });
  const answer = await callGateway<GetAgreementResponse>(flags.gateway, (client, options, done) =>
    client.getAgreement(request, new Metadata(), options, done),
  );
  if (answer.agreement === undefined) return;
  if (flags.json) printJson(answer.agreement);
  else for (const line of linesOf(answer.agreement)) printLine(line);
}

function linesOf(agreement: Agreement): string[] {
  const { inFamilies: scores } = agreement;
  if (scores === undefined) return [`${agreement.nLabelled} labelled glitches, none in a family`];
  const head = [
    `${agreement.nLabelled} labelled glitches, ${agreement.nUnassigned} of them in no family`,
    `purity ${scores.purity.toFixed(3)}  homogeneity ${scores.homogeneity.toFixed(3)}  ` +
      `completeness ${scores.completeness.toFixed(3)}  V ${scores.vMeasure.toFixed(3)}  ` +
      `ARI ${scores.adjustedRand.toFixed(3)}  NMI ${scores.normalizedMutualInfo.toFixed(3)}`,
  ];
  const families = agreement.families.map((family) => {
    const labels = family.labels.map(({ label, count }) => `${label} ${count}`).join(', ');
    const name = family.familyId < 0 ? 'unassigned' : `family ${family.familyId}`;
    return `${name.padEnd(11)}  purity ${family.purity.toFixed(2)}  entropy ${family.entropyBits.toFixed(2)} bits  ${labels}`;
  });
  const ambiguous = agreement.families.flatMap((family) =>
    family.ambiguous.map(
      (one) =>
        `family ${family.familyId}: ${one.glitchId}  p(member) ${one.membershipProbability.toFixed(2)}  ${one.label}`,
    ),
  );
  const disagreements = agreement.disagreements.map(
    (one) =>
      `${one.glitchId}  ${one.label} in family ${one.familyId} of ${one.familyLabel}  ${one.score.toFixed(2)}`,
  );
  return [
    ...head,
    '',
    ...families,
    ...(ambiguous.length === 0 ? [] : ['', 'least certain:', ...ambiguous]),
    '',
    `${agreement.nDisagreements} labels that disagree with a confident family`,
    ...disagreements,
  ];
}

export function agreementCommand(): Command {
  const addFamily = (text: string, before: readonly number[] = []): number[] => [
    ...before,
    wholeNumber(-1)(text),
  ];
  return new Command('agreement')
    .description('how labels and families agree, and which glitches do not')
    .addOption(
      new Option('--disagreements <n>', 'how many at most, strongest first')
        .default(20)
        .argParser(wholeNumber(0, 1_000)),
    )
    .addOption(
      new Option('--family <id>', 'its least certain members too; repeatable').argParser(addFamily),
    )
    .addOption(gatewayOption())
    .addOption(jsonOption())
    .action(agreement);
}
