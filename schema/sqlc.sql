-- What Apply makes before the migrations, for the code generator.
CREATE SCHEMA read;
