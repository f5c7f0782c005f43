-- What Apply makes before the migrations, for the code generator.
CREATE SCHEMA read;
CREATE EXTENSION unaccent;
CREATE EXTENSION pg_trgm;
