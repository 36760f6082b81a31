/** Imported first by every worker of a test, which reads what it leaves in the environment. */
process.env['FIRST_IMPORT'] = 'imported';
