/** Choice. CloudFormation takes a template of 1 MB; a plan of Terraform may be larger. */
export const MAX_TEMPLATE_MIB = 64;
