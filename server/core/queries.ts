/** Answers to questions: from the actors' states once these are durable (law 5), and from records. */
import type { OpOutcome, OpParams, QueryName } from '../../protocol/ops.ts';
import { accountAnswers } from './queries/accounts.ts';
import { closingAnswers } from './queries/closing.ts';
import { alarmAnswers } from './queries/alarms.ts';
import { allowanceAnswers } from './queries/allowances.ts';
import type { Answers, Asked } from './queries/answer.ts';
import { approvalAnswers } from './queries/approvals.ts';
import { auditAnswers } from './queries/audit.ts';
import { chargingAnswers } from './queries/charging.ts';
import { controlAnswers } from './queries/control.ts';
import { emergencyAnswers } from './queries/emergencies.ts';
import { explanationAnswers } from './queries/explanations.ts';
import { fieldAnswers } from './queries/field.ts';
import { groupAnswers } from './queries/groups.ts';
import { handoverAnswers } from './queries/handover.ts';
import { homeAnswers } from './queries/home.ts';
import { interlockAnswers } from './queries/interlock.ts';
import { meterAnswers } from './queries/meters.ts';
import { meterPageAnswers } from './queries/meterPage.ts';
import { moneyAnswers } from './queries/money.ts';
import { noticeAnswers } from './queries/notices.ts';
import { openingAnswers } from './queries/openings.ts';
import { orderAnswers } from './queries/orders.ts';
import { ownerAnswers } from './queries/owner.ts';
import { parameterAnswers } from './queries/parameters.ts';
import { peopleAnswers } from './queries/people.ts';
import { riserAnswers } from './queries/risers.ts';
import { roomAnswers } from './queries/rooms.ts';
import { ruleAnswers } from './queries/rules.ts';
import { setupAnswers } from './queries/setup.ts';
import { siteAnswers } from './queries/site.ts';
import { statementAnswers } from './queries/statement.ts';
import { statementAnswers as statementTotalsAnswers } from './queries/statementTotals.ts';
import { tagAnswers } from './queries/tags.ts';
import { takeoverAnswers } from './queries/takeovers.ts';
import { tariffHistoryAnswers } from './queries/tariffHistory.ts';
import { tariffAnswers } from './queries/tariffs.ts';
import { treeAnswers } from './queries/tree.ts';

const answers: Answers<QueryName> = {
  ...siteAnswers,
  ...homeAnswers,
  ...roomAnswers,
  ...accountAnswers,
  ...closingAnswers,
  ...tariffAnswers,
  ...tariffHistoryAnswers,
  ...setupAnswers,
  ...meterAnswers,
  ...meterPageAnswers,
  ...moneyAnswers,
  ...chargingAnswers,
  ...orderAnswers,
  ...alarmAnswers,
  ...noticeAnswers,
  ...peopleAnswers,
  ...auditAnswers,
  ...approvalAnswers,
  ...handoverAnswers,
  ...emergencyAnswers,
  ...ruleAnswers,
  ...interlockAnswers,
  ...groupAnswers,
  ...tagAnswers,
  ...statementAnswers,
  ...allowanceAnswers,
  ...takeoverAnswers,
  ...openingAnswers,
  ...explanationAnswers,
  ...riserAnswers,
  ...fieldAnswers,
  ...ownerAnswers,
  ...parameterAnswers,
  ...treeAnswers,
  ...statementTotalsAnswers,
  ...controlAnswers,
};

/** `params` have been decoded with the schema of `op`. */
export function answerQuery<Q extends QueryName>(
  asked: Asked,
  op: Q,
  params: OpParams<Q>,
): OpOutcome | Promise<OpOutcome> {
  return answers[op](asked, params);
}
