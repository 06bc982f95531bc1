import { ServiceError } from '../service-error.ts';
import { parseObject } from '../wire.ts';
import type { AlibabaCall, AlibabaOperations } from './service.ts';
import { type RamRole, ramRoleArn } from './state.ts';
import { seconds } from './world.ts';

function roleOf({ cloud, query: { RoleName = '' } }: AlibabaCall): RamRole {
  const role = cloud.roles.get(RoleName);
  if (role) return role;
  throw new ServiceError('EntityNotExist.Role', `The role does not exist: ${RoleName}.`, 404);
}

function describe({ account }: AlibabaCall['cloud'], { name, description, trust, createdAt }: RamRole) {
  const facts = { Arn: ramRoleArn(account, name), RoleName: name, Description: description };
  return { Role: { ...facts, AssumeRolePolicyDocument: trust, CreateDate: seconds(createdAt) } };
}

function createRole({ cloud, query }: AlibabaCall) {
  const { RoleName: name = '', AssumeRolePolicyDocument: trust = '', Description: description = '' } = query;
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new ServiceError('InvalidParameter.RoleName.InvalidChars', 'The parameter RoleName is invalid.');
  }
  // Assumption: the code. The sandbox only checks that a trust policy is a JSON object.
  if (!parseObject(trust)) throw new ServiceError('MalformedPolicyDocument', 'The policy document is malformed.');
  if (cloud.roles.has(name)) {
    throw new ServiceError('EntityAlreadyExists.Role', `The role already exists: ${name}.`, 409);
  }
  const role = { name, description, trust, createdAt: cloud.now(), policies: new Set<string>() };
  cloud.roles.set(name, role);
  return describe(cloud, role);
}

/** Resource Access Management, which has no Regions. Assumption: every attached policy is a system policy. */
export const ram: AlibabaOperations = {
  GetRole: (call) => describe(call.cloud, roleOf(call)),
  CreateRole: createRole,
  ListPoliciesForRole(call) {
    const { policies, createdAt } = roleOf(call);
    const facts = { PolicyType: 'System', DefaultVersion: 'v1', Description: '', AttachDate: seconds(createdAt) };
    return { Policies: { Policy: [...policies].map((PolicyName) => ({ PolicyName, ...facts })) } };
  },
  AttachPolicyToRole(call) {
    const { policies } = roleOf(call);
    const { PolicyName = '' } = call.query;
    if (!PolicyName) throw new ServiceError('MissingParameter', 'The parameter PolicyName is needed but not provided.');
    if (policies.has(PolicyName)) {
      throw new ServiceError('EntityAlreadyExists.Role.Policy', `The policy is attached already: ${PolicyName}.`, 409);
    }
    policies.add(PolicyName);
  },
};
