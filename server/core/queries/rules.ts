/** The rules of the site as its form has them. */
import { utilities } from '../../../protocol/site.ts';
import { siteRulesFormSchema } from '../../../protocol/siteRules.ts';
import { durable, found, type Answers } from './answer.ts';

const names = Object.keys(siteRulesFormSchema.shape);

export const ruleAnswers: Answers<'getSiteRules'> = {
  getSiteRules: ({ core }) =>
    durable(core, () => {
      const rules = { quietDays: [], arrearsCut: [...utilities], ...core.directory.site.rules };
      const form = Object.fromEntries(Object.entries(rules).filter(([name]) => names.includes(name)));
      return found<'getSiteRules'>(siteRulesFormSchema.parse(form));
    }),
};
